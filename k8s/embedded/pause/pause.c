// The first process of a pod: keeps the pod's namespaces alive, collects orphans, and leaves when told.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void Leave(int signal_number) {
  (void)signal_number;
  _exit(0);
}

static void Collect(int signal_number) {
  (void)signal_number;
  while (waitpid(-1, 0, WNOHANG) > 0) {
  }
}

int main(void) {
  signal(SIGINT, Leave);
  signal(SIGTERM, Leave);
  signal(SIGCHLD, Collect);
  for (;;) pause();
}
