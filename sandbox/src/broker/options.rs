//! What the command line says about the brokerage.

use std::path::PathBuf;

use clap::Args;

#[derive(Clone, Debug, Default, Args)]
#[group(id = "brokerage")]
pub struct Options {
    /// Persons, accounts and prices follow from this number; 0 unless the state file says otherwise
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Where accounts and orders are kept: read at the start if it exists, written then and after each change
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Only counts the orders of accounts that nobody has, without preview and checks
    #[arg(long)]
    pub tally: bool,
}
