# tries: to make the kernel kill the runner first
# contained: EPERM or EACCES
import os


def attempt():
    with open(f"/proc/{os.getppid()}/oom_score_adj", "w") as score:
        return score.write("1000")
