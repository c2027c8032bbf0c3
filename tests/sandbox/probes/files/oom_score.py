# tries: to make the kernel kill others first
# contained: EACCES or EROFS


def attempt():
    with open("/proc/self/oom_score_adj", "w") as score:
        return score.write("500")
