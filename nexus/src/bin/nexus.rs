//! The program `nexus`; see `berth_nexus`.

fn main() -> std::process::ExitCode {
    berth_nexus::program::main()
}
