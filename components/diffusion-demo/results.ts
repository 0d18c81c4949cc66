/** The plots of what training comes to; loaded when they are seen, or have something to show. */
import "../density-plot.js";
import "../histogram-plot.js";
import "../loss-plot.js";
import "../trajectory-player.js";
