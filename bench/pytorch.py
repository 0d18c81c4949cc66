"""PyTorch on the CPU, one thread, natively: the same nets and numbers as in cases.ts.

Says "ready", then reads lines of JSON, `["make", sizes, batch, adam, steps]` and `["time", steps]`; answers each with one line of JSON:
the losses of the first steps, and the milliseconds of one step.
"""
import json
import math
import sys
import time

import torch

torch.set_num_threads(1)


def numbers(shape, stream, scale):
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    x = torch.sin(12.9898 * (i + 1) + 78.233 * stream) * 43758.5453
    return (scale * (2 * (x - torch.floor(x)) - 1)).to(torch.float32).reshape(shape)


def make(sizes, batch, adam):
    layers = []
    for i, (n, m) in enumerate(zip(sizes, sizes[1:])):
        linear = torch.nn.Linear(n, m)
        with torch.no_grad():
            linear.weight.copy_(numbers((n, m), i, math.sqrt(6 / n)).T)
            linear.bias.zero_()
        layers += [linear, torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    x = numbers((batch, sizes[0]), 101, 1.7)
    y = numbers((batch, sizes[-1]), 102, 1.7)
    betas = (adam["beta1"], adam["beta2"])
    optimizer = torch.optim.Adam(net.parameters(), lr=adam["learningRate"], betas=betas, eps=adam["epsilon"])

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(net(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


step = None
print('"ready"', flush=True)
for line in sys.stdin:
    method, *args = json.loads(line)
    if method == "make":
        sizes, batch, adam, steps = args
        step = make(sizes, batch, adam)
        answer = [step() for _ in range(steps)]
    else:
        start = time.perf_counter()
        for _ in range(args[0]):
            step()
        answer = (time.perf_counter() - start) * 1000 / args[0]
    print(json.dumps(answer), flush=True)
