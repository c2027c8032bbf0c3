# tries: to find a token of the cluster
# contained: there is none
import os


def attempt():
    return os.path.exists("/var/run/secrets/kubernetes.io/serviceaccount/token")
