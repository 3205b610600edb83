// SPDX-License-Identifier: Apache-2.0

package import PolicyEngine

/// Where a node remembers which policy was in force last: `policy.floor` beside the log, and the log itself. AC-99.
///
/// The higher of the two counts. The file is there because old bundles may be moved away; the log, because a file is easily
/// removed.
package struct FloorStore: Sendable {
    static let name = "policy.floor"
    /// With a floor in its file, so many of the newest bundles of records are asked as well.
    private static let askedBundles = 1024

    package let directory: String

    package init(directory: String) { self.directory = directory }

    package enum Fault: Error, Hashable, Sendable {
        /// Not the one line that it should be.
        case malformed(directory: String)
        /// There are records, and neither they nor a file say which policy was in force.
        case lost(directory: String)
        case store(directory: String, StoreFailure)

        /// Where and what, for a message.
        package var description: String {
            switch self {
            case .malformed(let directory): "\(directory)/\(name): it is not what was written there"
            case .lost(let directory): "\(directory)/\(name): it is missing, and the log names no policy either"
            case .store(let directory, .log(let fault)): "\(directory)/\(fault.description)"
            case .store(let directory, .disk(let failure)): "\(directory): \(failure.description)"
            }
        }

        /// Whether this user may not read what another may.
        package var isUnreadable: Bool {
            if case .store(_, .disk) = self { true } else { false }
        }

        package var todo: String {
            switch self {
            case .malformed: "put back the copy of it, or remove it if the log's bundles are all there"
            case .lost: "put back the copy of it, or the bundles that were moved away"
            case .store(_, .log): "keep a copy of the directory as evidence, then name a new, empty one"
            case .store(_, .disk): "run this as the gateway's user, or see to the disk"
            }
        }
    }

    /// The floor; `nil` on a node that never had a policy.
    package func read() throws(Fault) -> PolicyFloor? {
        let bytes: [UInt8]?
        do throws(DiskFailure) {
            bytes = try SmallFile.read(Self.name, in: directory, limit: PolicyFloor.maxBytes)
        } catch {
            throw .store(directory: directory, .disk(error))
        }
        let last: LastPolicy
        do throws(StoreFailure) {
            last = try LastPolicy(in: directory, bundles: bytes == nil ? .max : Self.askedBundles)
        } catch {
            throw .store(directory: directory, error)
        }
        guard let bytes else {
            guard last.floor != nil || !last.hasRecords else { throw .lost(directory: directory) }
            return last.floor
        }
        guard let floor = PolicyFloor(parsing: bytes) else { throw .malformed(directory: directory) }
        guard let logged = last.floor, logged.serial >= floor.serial, logged.sha256 != floor.sha256 else {
            return floor
        }
        return logged
    }

    /// Puts another floor in the place of the old one, whole and durable.
    package func write(_ floor: PolicyFloor) throws(Fault) {
        do throws(DiskFailure) {
            try SmallFile.replace(Self.name, in: directory, with: floor.bytes)
        } catch {
            throw .store(directory: directory, .disk(error))
        }
    }
}
