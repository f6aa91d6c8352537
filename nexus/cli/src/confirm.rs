//! Questions before something is lost.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::failure::Failure;

/// The option of every destructive verb.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ConfirmArgs {
    /// Don't ask; needed where nobody can answer
    #[arg(short, long)]
    pub yes: bool,
}

impl ConfirmArgs {
    /// Asks `question` unless it was answered on the command line.
    ///
    /// Errors: `Usage` where nobody can answer, `Local` if the answer isn't yes.
    pub fn ask(self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Failure::Usage(format!("{question} Nobody can be asked here: say --yes")));
        }
        let mut answer = String::new();
        let _nobody_reads = write!(io::stderr(), "{question} [y/N] ");
        io::stdin().lock().read_line(&mut answer)?;
        if is_yes(&answer) {
            return Ok(());
        }
        Err(Failure::Local { message: "not confirmed; nothing was changed".to_string(), help: None })
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_yes_is_one() {
        assert!(is_yes("y\n") && is_yes("Yes"));
        for answer in ["", "\n", "n", "yep", "yes please", "no"] {
            assert!(!is_yes(answer), "{answer:?}");
        }
    }
}
