//! `berth completion`: the script by which a shell asks this program for what could come next.

use clap::{Args, ValueEnum};
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};

use crate::failure::Failure;
use crate::output::print;

/// The variable by which the shell says that it asks.
pub const VARIABLE: &str = "BERTH_COMPLETE";

/// Shells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// source <(berth completion bash)
    Bash,
    /// source <(berth completion zsh)
    Zsh,
    /// berth completion fish | source
    Fish,
}

/// Which shell.
#[derive(Clone, Copy, Debug, Args)]
pub struct Completion {
    /// Your shell
    shell: Shell,
}

/// Prints the script. Names of instances, disks, images, projects and sleds are asked for when they are needed.
pub fn run(args: Completion) -> Result<(), Failure> {
    print(&script(args.shell)?)
}

fn script(shell: Shell) -> Result<String, Failure> {
    let completer: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "berth", "berth", "berth", &mut script)?;
    String::from_utf8(script).map_err(|error| Failure::Local { message: error.to_string(), help: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script_that_asks_berth() {
        for shell in Shell::value_variants() {
            let script = script(*shell).expect("a script");
            assert!(script.contains(VARIABLE) && script.contains("berth"), "{shell:?}");
        }
    }
}
