"""Medians and spreads, and the table a person reads."""

import statistics


def spread(values):
    """Median, quartiles, ends and number of these values."""
    values = sorted(values)
    if len(values) > 1:
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    else:
        low = high = values[0]
    return {
        "median": statistics.median(values),
        "q1": low,
        "q3": high,
        "min": values[0],
        "max": values[-1],
        "n": len(values),
    }


def number(value):
    """A number with as many digits as are worth reading."""
    if isinstance(value, str):
        return value
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def told(values):
    """A spread in words: median (quartiles; ends)."""
    return (f"{number(values['median'])}  "
            f"[{number(values['q1'])} .. {number(values['q3'])}; "
            f"{number(values['min'])} .. {number(values['max'])}]")


def head(about):
    """The machine, in lines."""
    disk = about["disk"]
    return [
        f"machine     {about['cpu']}, {about['cores']} cores, "
        f"{about['memory_mb']:,} MB, Linux {about['kernel']}",
        f"disk        {about['filesystem']}, one fdatasync "
        f"{disk['inplace_p50_us']:.0f} us in place, "
        f"{disk['append_p50_us']:.0f} us appending "
        f"(p99 {disk['inplace_p99_us']:.0f}, {disk['append_p99_us']:.0f})",
        f"versions    {about['letterbox']}, SQLite {about['sqlite']}, "
        f"lighttpd {about['lighttpd']}, nginx {about['nginx']}",
        "numbers     median  [quartiles; least .. most]",
    ]


def table(rows):
    """Rows of (what, value, goal, met) as aligned lines."""
    wide = max((len(row[0]) for row in rows), default=0)
    lines = []
    for what, value, goal, met in rows:
        line = f"  {what:<{wide}}  {value}"
        if goal:
            line += f"  goal {goal}: {'met' if met else 'MISSED'}"
        lines.append(line)
    return lines


class Rows(list):
    """The rows of one figure, built one by one."""

    def add(self, what, value, goal="", met=True):
        """A row; `value` is a number, words, or a spread."""
        text = told(value) if isinstance(value, dict) else number(value)
        self.append((what, text, goal, met))
