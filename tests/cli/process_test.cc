// The real program in a process of its own: signals and the process list.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "cli/client/exit_code.h"
#include "cli/events.h"
#include "cli/fake_node.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

class Process {
 public:
  Process(std::vector<std::string> args, std::vector<std::string> environment) {
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    args.insert(args.begin(), HOLYSHEEPCTL);
    const int error =
        posix_spawn(&pid_, HOLYSHEEPCTL, &actions, nullptr,
                    Pointers(args).data(), Pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) std::abort();
    close(pipe_ends[1]);
    out_ = pipe_ends[0];
  }

  ~Process() { close(out_); }

  // The next that it writes, at most 100 bytes.
  std::string Read() {
    char buffer[100];
    const ssize_t size = read(out_, buffer, sizeof(buffer));
    return std::string(buffer, size > 0 ? static_cast<size_t>(size) : 0);
  }

  void Signal(int number) { kill(pid_, number); }

  // Its exit code; -1 if a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string CommandLine() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/cmdline");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  pid_t pid_ = 0;
  int out_ = -1;
};

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest() {
    node_.invoke_stream = [this](const FakeNode::Send& send) {
      send(Text("one"));
      signalled_.WaitForNotification();
      while (send(Text("more"))) {
      }
      ended_.Notify();
      return grpc::Status::OK;
    };
  }

  void ExpectEndsBy(int signal) {
    Process process({"invoke", "hi"}, {"HOLYSHEEP_ADDRESS=" + node_.address()});
    EXPECT_EQ(process.Read(), "one");
    process.Signal(signal);
    EXPECT_EQ(process.Wait(), kExitInterrupted);
    EXPECT_EQ(process.Read(), "\n");
    signalled_.Notify();
    EXPECT_TRUE(ended_.WaitForNotificationWithTimeout(absl::Seconds(30)));
  }

  absl::Notification signalled_;
  absl::Notification ended_;
  FakeNode node_;
};

TEST_F(ProcessTest, CtrlCCancelsTheCallAndEndsWith130) { ExpectEndsBy(SIGINT); }

TEST_F(ProcessTest, TermDoesTheSame) { ExpectEndsBy(SIGTERM); }

TEST_F(ProcessTest, TheUpstreamKeyIsNotInTheProcessList) {
  const std::string key = "hs-0123456789abcdef0123456789";
  Process process({"invoke", "hi"}, {"HOLYSHEEP_ADDRESS=" + node_.address(),
                                     "HOLYSHEEP_UPSTREAM_KEY=" + key});
  EXPECT_EQ(process.Read(), "one");
  EXPECT_EQ(process.CommandLine().find(key), std::string::npos);
  EXPECT_EQ(node_.metadata("x-holysheep-api-key"), key);
  process.Signal(SIGINT);
  process.Wait();
  signalled_.Notify();
}

}  // namespace
}  // namespace holysheep::cli
