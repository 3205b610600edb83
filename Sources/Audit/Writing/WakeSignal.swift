// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Wakes one sleeping thread, from any thread.
///
/// `@unchecked Sendable`: `isSet` is touched under the mutex only, and the addresses never change.
@safe final class WakeSignal: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isSet = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        // A clock that can be set back would make a wait of a second one of a day.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe condition.deallocate()
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func signal() {
        unsafe pthread_mutex_lock(mutex)
        isSet = true
        unsafe pthread_mutex_unlock(mutex)
        unsafe pthread_cond_signal(condition)
    }

    /// Sleeps until a signal comes or the time is over. A signal that came before counts.
    func wait(atMostMicroseconds limit: Int64) {
        var until = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &until)
        let nanoseconds = Int64(until.tv_nsec) + limit * 1000
        until.tv_sec += Int(nanoseconds / 1_000_000_000)
        until.tv_nsec = Int(nanoseconds % 1_000_000_000)
        unsafe pthread_mutex_lock(mutex)
        while !isSet {
            if unsafe pthread_cond_timedwait(condition, mutex, &until) != 0 { break }
        }
        isSet = false
        unsafe pthread_mutex_unlock(mutex)
    }
}
