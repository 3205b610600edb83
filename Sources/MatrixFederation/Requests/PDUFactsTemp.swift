// SPDX-License-Identifier: Apache-2.0
extension PDUFacts { package func eventIDs(in document: JSONDocument) -> [String] { claimedEventID.map { [$0] } ?? [] } }
