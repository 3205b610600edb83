// SPDX-License-Identifier: Apache-2.0

internal import CFuzz
internal import Glibc

/// What libFuzzer calls; a C callback can hold nothing.
///
/// Set once before the driver runs, on its only thread.
nonisolated(unsafe) private var target: ([UInt8]) -> Void = { _ in }

/// Runs libFuzzer with the program's arguments; what `body` must not do is trap.
package func fuzz(_ body: @escaping ([UInt8]) -> Void) -> Never {
    unsafe target = body
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
    let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, count in
        unsafe target(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    }
    exit(status)
}

/// Ends the run with a finding if a property does not hold.
package func check(_ holds: Bool, _ property: String) {
    guard holds else { fatalError("property does not hold: \(property)") }
}
