// SPDX-License-Identifier: Apache-2.0

import FuzzDriver
import PolicyEngine

// What comes over the control socket. A call that is taken has an act that reads the same again, or none.
fuzz { bytes in
    guard let call = try? ControlRequest(reading: bytes) else { return }
    check(bytes.count <= ControlRequest.maxBytes, "calls are bounded")
    switch call {
    case .status, .quarantine: break
    case .lockdown(let act): check((try? LockdownAct(parsing: act.bytes))?.bytes == act.bytes, "the act is one")
    case .release(let release):
        check((try? QuarantineRelease(parsing: release.bytes))?.bytes == release.bytes, "the release is one")
    }
}
