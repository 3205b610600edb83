// SPDX-License-Identifier: Apache-2.0

package import Audit
package import PolicyEngine

/// A policy and the stamp that its records carry. A request keeps the one it began with (AC-96).
package struct PolicyInForce: Sendable {
    package let policy: Policy
    package let stamp: PolicyStamp

    package init(_ policy: Policy) {
        self.policy = policy
        stamp = PolicyStamp(serial: policy.serial, sha256: policy.sha256, mode: policy.mode.rawValue)
    }
}
