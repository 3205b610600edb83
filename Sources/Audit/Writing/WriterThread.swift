// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A thread of its own for work that blocks on the disk; no task may do that.
struct WriterThread: Sendable {
    private let thread: pthread_t

    private final class Work {
        let name: StaticString
        let body: @Sendable () -> Void

        init(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    init(named name: StaticString, _ body: @escaping @Sendable () -> Void) throws(DiskFailure) {
        let work = unsafe Unmanaged.passRetained(Work(name, body))
        // Signals are for the process's own handlers; a new thread inherits the mask.
        var all = sigset_t()
        var before = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                    Self.nameCurrentThread(work.name)
                    work.body()
                }
                return nil
            }, work.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard code == 0 else {
            unsafe work.release()
            throw DiskFailure(.create, file: "thread", code: code)
        }
        self.thread = thread
    }

    /// Blocks until the work is done. Once only.
    func join() { pthread_join(thread, nil) }

    /// The name that `top -H` shows.
    private static func nameCurrentThread(_ name: StaticString) {
        let file = unsafe Glibc.open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = unsafe Glibc.write(file, name.utf8Start, name.utf8CodeUnitCount)
        Glibc.close(file)
    }
}
