/** Where each page stands in the site: headings of the side bar, with files relative to the repository. */
export const CONTENTS = [
  { heading: 'Start', pages: ['README.md', 'docs/cli.md'] },
  {
    heading: 'Devices',
    pages: [
      'docs/agent.md',
      'docs/pi-lab-ap.md',
      'docs/lab-switch.md',
      'docs/sources.md',
      'docs/device-configuration.md',
      'docs/identities.md',
      'docs/firmware.md',
      'docs/protocol.md',
      'docs/brokers.md',
      'docs/errors.md',
    ],
  },
  {
    heading: 'Packets',
    pages: [
      'docs/observations.md',
      'docs/header-only.md',
      'docs/captures.md',
      'docs/agreement.md',
      'docs/fuzzing.md',
    ],
  },
  {
    heading: 'Simulated sites',
    pages: [
      'docs/world.md',
      'docs/world-sites.md',
      'docs/world-frames.md',
      'docs/world-radio.md',
      'docs/world-truth.md',
    ],
  },
  { heading: 'Tests', pages: ['docs/testing.md', 'docs/scenarios.md', 'docs/ci.md', 'docs/soak.md'] },
  { heading: 'Load', pages: ['docs/fleet.md', 'docs/benchmarks.md'] },
  {
    heading: 'The cloud stub',
    pages: [
      'docs/cloud.md',
      'docs/api.md',
      'docs/privacy.md',
      'docs/data-protection.md',
      'docs/regions.md',
      'docs/portal.md',
      'docs/security.md',
    ],
  },
  { heading: 'The project', pages: ['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'] },
];
