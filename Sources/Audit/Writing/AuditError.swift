// SPDX-License-Identifier: Apache-2.0

/// Why there is no record. Each is answered with 503 to whoever asked.
package enum AuditError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The log cannot be written.
    case unavailable(StoreFailure)
    /// Too much waits to be written.
    case full
    /// The log was closed.
    case closed
    /// What is personal in a record must be sealed to the auditors, and cannot be.
    case unsealed(cause: String)

    package var description: String {
        switch self {
        case .unavailable(let failure):
            "audit log: \(failure.description); every request gets 503; "
                + "free space or repair the disk, it is tried again each second"
        case .full:
            "audit log: its queue is full, the disk is slower than the traffic; new requests get 503; "
                + "give the log a faster disk of its own"
        case .closed:
            "audit log: closed; every request gets 503; start the gateway again"
        case .unsealed(let cause):
            "audit log: what is personal cannot be sealed, \(cause); requests whose records need it get 503; "
                + "free space or repair the disk, it is tried again each second"
        }
    }
}

/// Why a log could not be opened. Stops the process.
package enum AuditOpenError: Error, Hashable, Sendable, CustomStringConvertible {
    case store(directory: String, StoreFailure)
    /// The log's secret key is not there, cannot be read, or is none.
    case key(file: String, reason: String, todo: String)
    /// The keys by which persons are named, or those that are sealed to the auditors.
    case keyFiles(KeyFileFault)

    package var description: String {
        switch self {
        case .key(let file, let reason, let todo): "\(file): \(reason); the gateway does not start; \(todo)"
        case .keyFiles(let fault): "\(fault.description); the gateway does not start; \(fault.todo)"
        case .store(let directory, .log(let fault)):
            "\(directory)/\(fault.description); the gateway does not start; "
                + "keep a copy of the directory as evidence, then name a new, empty one in the configuration"
        case .store(let directory, .disk(let failure)) where failure.operation == .lock:
            "\(directory): \(failure.description); the gateway does not start; "
                + "stop the other gateway or give this one a directory of its own"
        case .store(let directory, .disk(let failure)):
            "\(directory): \(failure.description); the gateway does not start; "
                + "repair the disk or the rights of the directory, then start again"
        }
    }
}
