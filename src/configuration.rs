//! The page docs/CONFIGURATION.md, made from the command line itself.

use std::fmt::Write as _;

use clap::{Arg, Command};

/// Variables that no flag stands for: name, default, meaning.
const VARIABLES: [(&str, &str, &str); 5] = [
    (
        "SANGKIEN_LOG",
        "`info,sqlx::query=error`",
        "The program logs this much to stderr: `off`, `error`, `warn`, `info`, `debug` or `trace`, for all parts or for one \
         (`sangkien::http=debug`), with commas between. A text that it cannot read counts as none.",
    ),
    (
        "NO_COLOR",
        "",
        "With any value the log has no colours. It has none either where stderr is no terminal.",
    ),
    (
        "OTEL_SERVICE_NAME",
        "`sangkien`",
        "The server names itself so in traces. Traces need a program that was built with the feature otlp.",
    ),
    (
        "OTEL_TRACES_SAMPLER",
        "`parentbased_always_on`",
        "The server takes traces by this rule, as OpenTelemetry defines it.",
    ),
    ("OTEL_TRACES_SAMPLER_ARG", "", "The argument of that rule: a share from 0 to 1."),
];

/// Every command with its flags, as Markdown.
pub fn markdown(program: &Command) -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         `sangkien configuration` prints this page; a test holds the file against the program. After a change of a flag renew it:\n\
         `cargo run --quiet -- configuration > docs/CONFIGURATION.md`.\n\n\
         A flag beats its variable. A variable that is empty says nothing, but for SANGKIEN_ADMIN_TOKEN, which must not be empty.\n\
         A switch takes no value as a flag, and `true` or `false` as a variable. Wrong arguments end the program with exit code 2.\n",
    );
    page += "\n## Every command\n\n";
    table(&mut page, program.get_arguments());
    commands(&mut page, "sangkien", program);
    page += "\n## Variables without a flag\n\n| variable | default | meaning |\n|---|---|---|\n";
    for (name, default, meaning) in VARIABLES {
        row(&mut page, &[name, default, meaning]);
    }
    page
}

fn commands(page: &mut String, above: &str, command: &Command) {
    for command in command.get_subcommands() {
        let path = format!("{above} {}", command.get_name());
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        write!(page, "\n## `{path}`\n\n{}\n", sentence(&about)).expect("a text takes more");
        if command.get_arguments().next().is_some() {
            page.push('\n');
            table(page, command.get_arguments());
        }
        commands(page, &path, command);
    }
}

fn table<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    *page += "| argument | variable | default | meaning |\n|---|---|---|---|\n";
    for argument in arguments {
        let variable = argument.get_env().map(|it| it.to_string_lossy().into_owned());
        row(
            page,
            &[
                &format!("`{}`", usage(argument)),
                &variable.unwrap_or_default(),
                &default(argument),
                &meaning(argument),
            ],
        );
    }
}

/// One row of a table; a bar within a cell would end the cell.
fn row(page: &mut String, cells: &[&str]) {
    for cell in cells {
        *page += if cell.is_empty() { "|" } else { "| " };
        *page += &cell.replace('|', "\\|");
        page.push(' ');
    }
    *page += "|\n";
}

fn usage(argument: &Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first());
    let value =
        value.map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string);
    match argument.get_long() {
        Some(flag) if takes_value(argument) => format!("--{flag} {value}"),
        Some(flag) => format!("--{flag}"),
        None => value,
    }
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

fn default(argument: &Arg) -> String {
    match argument.get_default_values() {
        _ if !takes_value(argument) => "off".to_owned(),
        [] if argument.is_required_set() => "required".to_owned(),
        [] => String::new(),
        values => {
            let values: Vec<_> = values.iter().map(|it| it.to_string_lossy()).collect();
            let values = values.join(",");
            if values.is_empty() { String::new() } else { format!("`{values}`") }
        }
    }
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let mut meaning = sentence(&help.map(ToString::to_string).unwrap_or_default());
    let possible = argument.get_possible_values();
    if takes_value(argument) && !possible.is_empty() {
        let names: Vec<_> = possible.iter().map(|it| format!("`{}`", it.get_name())).collect();
        write!(meaning, " One of {}.", names.join(", ")).expect("a text takes more");
    }
    meaning
}

/// The help with the full stop that clap takes off a single sentence.
fn sentence(help: &str) -> String {
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    if help.is_empty() || help.ends_with(['.', '…']) { help } else { format!("{help}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_argument_has_a_row() {
        let program =
            Command::new("sangkien").subcommand(Command::new("do").about("Does it").args([
                Arg::new("n").long("n").env("N").default_value("3").help("It counts a|b"),
                Arg::new("dry").long("dry").action(clap::ArgAction::SetTrue).help("It rests."),
                Arg::new("file").required(true).value_name("FILE").help("It reads this"),
            ]));
        let page = markdown(&program);
        for said in [
            "## `sangkien do`\n\nDoes it.\n",
            "| `--n N` | N | `3` | It counts a\\|b. |\n",
            "| `--dry` | | off | It rests. |\n",
            "| `FILE` | | required | It reads this. |\n",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
    }
}
