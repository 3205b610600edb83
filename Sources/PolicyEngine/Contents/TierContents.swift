// SPDX-License-Identifier: Apache-2.0

/// A tier's rules on contents as requests ask for them. A class, so that a question costs one reference count and not one for
/// each key.
final class TierContents: Sendable {
    let rules: TierRules
    /// Whether this is the tier of the own state.
    let isOwn: Bool
    /// Whether an event has to be looked into, and not only at its author.
    let concernsEvents: Bool
    let concernsToDevice: Bool

    init(_ rules: TierRules, ofOwnTier isOwn: Bool) {
        self.rules = rules
        self.isOwn = isOwn
        concernsEvents = !rules.events.isEmpty || !rules.encryption.isEmpty || !rules.users.isEmpty
        concernsToDevice = !rules.toDevice.isEmpty
    }
}
