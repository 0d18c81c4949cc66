"""PyTorch on the CPU, natively: the same nets and numbers as in cases.ts, on as many threads as the argument says.

Says "ready", then reads lines of JSON, each answered with one line of JSON: `["mlp", sizes, batch, adam, steps]` and
`["unet", options, arrays, batch, adam, steps]` make a net and give the losses of its first steps, `["time", steps]` the
milliseconds of one more.
"""
import json
import math
import sys
import time

import torch
from torch.nn import functional as F

torch.set_num_threads(int(sys.argv[1]))


def numbers(shape, stream, scale):
    i = torch.arange(math.prod(shape), dtype=torch.float64)
    x = torch.sin(12.9898 * (i + 1) + 78.233 * stream) * 43758.5453
    return (scale * (2 * (x - torch.floor(x)) - 1)).to(torch.float32).reshape(shape)


def trainer(parameters, loss, adam):
    betas = (adam["beta1"], adam["beta2"])
    optimizer = torch.optim.Adam(parameters, lr=adam["learningRate"], betas=betas, eps=adam["epsilon"])

    def step():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    return step


def mlp(sizes, batch, adam):
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
    return trainer(net.parameters(), lambda: F.mse_loss(net(x), y), adam)


def unet(options, arrays, batch, adam):
    p = {}
    for stream, a in enumerate(arrays):
        value = numbers(a["shape"], stream, a["scale"]) + a["offset"]
        # Filters are [kh, kw, c, n] there and [n, c, kh, kw] here, matrices [n, m] there and [m, n] here.
        value = value.permute(3, 2, 0, 1) if value.dim() == 4 else value.T if value.dim() == 2 else value
        p[a["path"]] = value.contiguous().requires_grad_()
    size, channels, depth, width = (options[k] for k in ("size", "channels", "depth", "nTime"))
    image = (batch, size, size, channels)
    xt, eps = (numbers(image, stream, 1.7).permute(0, 3, 1, 2).contiguous() for stream in (201, 202))
    t = 1 + (torch.arange(batch) * 37) % options["tMax"]
    angles = t[:, None] * 10_000 ** (-2 * torch.arange(width // 2) / width)
    code = torch.stack([angles.sin(), angles.cos()], 2).flatten(1)

    def linear(path, x):
        return F.linear(x, p[path + ".weight"], p[path + ".bias"])

    def conv(path, x, stride=1):
        weight = p[path + ".weight"]
        if stride == 2:  # TensorFlow's "same": the odd pixel of padding comes after the image
            return F.conv2d(F.pad(x, (0, 1, 0, 1)), weight, p[path + ".bias"], 2)
        return F.conv2d(x, weight, p[path + ".bias"], padding=weight.shape[2] // 2)

    def norm_conv(path, x):
        normed = F.group_norm(x, 8, p[path + ".0.weight"], p[path + ".0.bias"], 1e-5)
        return conv(path + ".2", F.silu(normed))

    def block(path, x, time):
        shift = linear(path + ".shift.1", F.silu(time))[:, :, None, None]
        second = norm_conv(path + ".second", norm_conv(path + ".first", x) + shift)
        return second + (conv(path + ".skip", x) if path + ".skip.weight" in p else x)

    def model():
        time = linear("time.3", F.silu(linear("time.1", code)))
        levels = [block("down1", conv("stem", xt), time)]
        for level in range(2, depth + 1):
            half = conv(f"down{level}.half", levels[-1], 2)
            levels.append(block(f"down{level}.block", half, time))
        x = block("middle", levels[-1], time)
        for level in range(depth - 1, 0, -1):
            x = torch.cat([F.interpolate(x, scale_factor=2), levels[level - 1]], 1)
            x = block(f"up{level}.block", x, time)
        return norm_conv("out", x)

    return trainer(p.values(), lambda: F.mse_loss(model(), eps), adam)


step = None
print('"ready"', flush=True)
for line in sys.stdin:
    method, *args = json.loads(line)
    if method == "time":
        start = time.perf_counter()
        for _ in range(args[0]):
            step()
        answer = (time.perf_counter() - start) * 1000 / args[0]
    else:
        *args, steps = args
        step = {"mlp": mlp, "unet": unet}[method](*args)
        answer = [step() for _ in range(steps)]
    print(json.dumps(answer), flush=True)
