#pragma once
// start_thread: how every thread of the program but the main one begins.

#include <functional>
#include <string>
#include <thread>

namespace chargewarden {

// Starts a thread that runs `body`, with a name for ps(1) and debuggers, of which the first 15
// bytes count. SIGINT, SIGTERM and SIGHUP are blocked in it: who asks the program for something
// asks the main thread, and no wait and no write of another thread is cut short by that.
std::thread start_thread(const std::string& name, std::function<void()> body);

}  // namespace chargewarden
