// SPDX-License-Identifier: Apache-2.0
// The positive control of `Deploy/test races`: threads that contend for a Mutex, which is no race,
// and, with an argument, also change a number without it, which is one.

import Dispatch
import Synchronization

final class Counter: @unchecked Sendable {
    let guarded = Mutex<[Int]>([])
    var unguarded = 0

    func count(isRacing: Bool) {
        for turn in 0..<20_000 {
            guarded.withLock { $0 = $0.count < 100 ? $0 + [turn] : [] }
            if turn % 3 == 0 { _ = guarded.withLockIfAvailable { $0.append(turn) } }
            if isRacing { unguarded += 1 }
        }
    }
}

@main
struct Control {
    static func main() {
        let counter = Counter()
        let isRacing = CommandLine.arguments.count > 1
        DispatchQueue.concurrentPerform(iterations: 4) { _ in counter.count(isRacing: isRacing) }
    }
}
