import ArgumentParser

/// `cairn masterdata`
struct MasterDataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "masterdata", abstract: "Say what places, parties and products are, and ask for it.",
    subcommands: [MasterDataAdd.self, MasterDataShow.self, MasterDataList.self, MasterDataWithdraw.self])
}
