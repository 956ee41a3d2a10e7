//! The flags that are options of the test, made from [their table](crate::options::table).

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, builder::ValueParser};

use crate::options::{
    Options,
    notation::{Reason, Takes},
    table::{Access, FlagName, HEADINGS, ROWS, Row},
};

/// The options that flags set.
pub type OptionFlags = Flags<true>;

/// Those of them that say how requests are made, for what makes some without being a test.
pub type RequestFlags = Flags<false>;

const OF_REQUESTS: [&str; 9] = [
    "user-agent",
    "header",
    "timeout",
    "dns",
    "insecure-skip-tls-verify",
    "blacklist-ip",
    "block-hostnames",
    "no-connection-reuse",
    "local-ips",
];

/// See [`OptionFlags`] and [`RequestFlags`].
#[derive(Debug, Default)]
pub struct Flags<const ALL: bool>(pub Options);

impl<const ALL: bool> Args for Flags<ALL> {
    fn augment_args(command: Command) -> Command {
        command.args(flags(ALL).map(|(row, flag, access)| arg(row, flag, access)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const ALL: bool> FromArgMatches for Flags<ALL> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (_, flag, access) in flags(ALL) {
            for text in matches.get_many::<String>(flag.long).into_iter().flatten() {
                (access.flag)(&mut self.0, text).map_err(|reason| {
                    clap::Error::raw(clap::error::ErrorKind::ValueValidation, reason)
                })?;
            }
        }
        Ok(())
    }
}

/// By heading, because clap shows those in the order of their first flags.
fn flags(all: bool) -> impl Iterator<Item = (&'static Row, FlagName, &'static Access)> {
    let under = |heading| ROWS.iter().filter(move |row| row.heading == heading);
    let rows = HEADINGS.into_iter().flat_map(under);
    let meant = rows.filter_map(|row| Some((row, row.flag?, row.access.as_ref()?)));
    meant.filter(move |(_, flag, _)| all || OF_REQUESTS.contains(&flag.long))
}

fn arg(row: &Row, flag: FlagName, access: &'static Access) -> Arg {
    // Read here as well, because clap's error names the flag.
    let check = |text: &str| -> Result<String, Reason> {
        (access.flag)(&mut Options::default(), text)?;
        Ok(text.to_owned())
    };
    let arg = Arg::new(flag.long)
        .long(flag.long)
        .short(flag.short)
        .value_name(flag.value)
        .value_parser(ValueParser::from(check))
        .allow_hyphen_values(true)
        .help_heading(row.heading)
        .help(help(row));
    match access.takes {
        Takes::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Takes::Once => arg,
        Takes::Many => arg.action(ArgAction::Append),
    }
}

fn help(row: &Row) -> String {
    let mut help = row.about.to_owned();
    if !row.default.is_empty() {
        help.push_str(&format!(" (default: {})", row.default));
    }
    if let Some(variable) = row.variable {
        help.push_str(&format!(" (env: {variable})"));
    }
    help
}
