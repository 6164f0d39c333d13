//! The demo's first output once it is ready: all that the first minute needs, on one screen.

use std::net::SocketAddr;
use std::path::Path;

use super::Speed;
use super::folder::Settings;
use super::tokens::DemoTokens;
use super::units::ROOT;
use super::{calendar, periods};
use crate::domain::Timestamp;

/// The district of the unit that GraphiQL's tab Submit enters for; a token over it is among the demo's.
const OWN_UNIT: &str = "ldld-740";

pub struct Welcome<'a> {
    pub address: SocketAddr,
    pub database: &'a Path,
    pub settings: Settings,
    pub speed: Speed,
    /// The present moment of the simulated clock.
    pub now: Timestamp,
    pub tokens: &'a DemoTokens,
}

impl Welcome<'_> {
    /// The text. Its last line is `ready` and the address, for a program that started the process.
    pub fn text(&self) -> String {
        let Self { address, .. } = self;
        let admin_token = self.tokens.admin.reveal();
        let database = self.database.display();
        let moment = self.now.to_rfc3339();
        let (day, hour) = (self.now.day(), moment.get(11..16).unwrap_or_default());
        let pace = match self.speed {
            Speed::Times(times) => format!("{times} times as fast as yours, nights × 10"),
            Speed::Max => "as fast as the writer goes".to_owned(),
        };
        let scale = self.settings.scale;
        // After the campaign the running period has next to no initiatives yet; the programme has all of them.
        let of_programme = if day > calendar::day(periods::CAMPAIGN_DAYS[1]) {
            format!("&period={}", periods::PROGRAMME)
        } else {
            String::new()
        };
        let tokens: String = self
            .tokens
            .given
            .iter()
            .map(|given| {
                let (role, unit) = (given.role.as_str(), given.unit);
                format!("  {} {role:<9} {unit}\n", given.secret.reveal())
            })
            .collect();
        format!(
            "
Sangkien: the campaign of 2022, replayed by its published counts × {scale}
  wall      http://{address}/wall?unit={ROOT}{of_programme}   others: /wall
  GraphiQL  http://{address}/graphiql       a tab for each worked operation
  yourself  http://{address}/wall?unit={OWN_UNIT}{of_programme}  enter one in GraphiQL's tab Submit and watch
  clock     {day} {hour}, {pace} (--speed 14400, --speed max)
  database  {database} (--reset begins anew)

First query:
  curl http://{address}/graphql -H 'content-type: application/json' \\
    -d '{{\"query\":\"{{ root {{ name tally {{ submitted accepted ratio }} }} }}\"}}'
First subscription, in GraphiQL or over ws://{address}/graphql:
  subscription {{ leaderboard(first: 5) {{ entries {{ rank unit {{ name }} tally {{ submitted }} }} }} }}

Tokens (authorization: Bearer …), the same at each start; SUBMITTER is a support team's:
{tokens}admin token: {admin_token}
ready http://{address}
"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Secret;
    use crate::demo::calendar::day;
    use crate::demo::tokens::Given;
    use crate::domain::Role;

    #[test]
    fn it_fits_a_screen() {
        let given = |role, unit| Given { role, unit, secret: Secret::generate().unwrap() };
        let tokens = [Role::Officer, Role::Reviewer, Role::Submitter, Role::Partner, Role::Display]
            .map(|role| given(role, "ldld-dong-nai"));
        let mut tokens = Vec::from(tokens);
        tokens.push(given(Role::Submitter, "cdn-y-te-dong-nai"));
        tokens.push(given(Role::Submitter, "ldld-740"));
        let tokens = DemoTokens { admin: Secret::generate().unwrap(), given: tokens };
        let welcome = Welcome {
            address: "127.0.0.1:8080".parse().unwrap(),
            database: Path::new("sangkien-demo/demo.db"),
            settings: Settings { seed: 1, scale: 0.1, from: day("2022-04-21") },
            speed: Speed::Times(1440),
            now: Timestamp::parse("2022-04-21T07:00:00+07:00").unwrap(),
            tokens: &tokens,
        };
        let text = welcome.text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() <= 24, "{} lines", lines.len());
        for line in &lines {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        }
        assert_eq!(lines.last(), Some(&"ready http://127.0.0.1:8080"));
        assert!(text.contains("2022-04-21 07:00, 1440 times"), "{text}");
        assert!(text.contains("/wall?unit=ldld-740  enter one in GraphiQL's tab Submit"), "{text}");
        assert!(tokens.given.iter().any(|given| given.unit == OWN_UNIT));
        for token in &tokens.given {
            assert!(text.contains(token.secret.reveal()));
        }
    }
}
