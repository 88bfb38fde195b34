import { Component, computed, inject } from '@angular/core';

import { Chip, Tone } from '../show/chip';
import { Clock } from '../show/clock';
import { age } from '../show/times';
import { Link } from './link';
import { Live } from './live';

interface Shown {
  readonly tone: Tone;
  readonly word: string;
  readonly hint: string;
}

/** Whether what is shown is what is: on every page, always. */
@Component({
  selector: 'tw-link-badge',
  imports: [Chip],
  template: `
    <tw-chip [tone]="shown().tone" [title]="shown().hint"
      >{{ shown().word }}
      @if (since(); as since) {
        <span class="since">{{ since }}</span>
      }
    </tw-chip>
    <span class="unseen" role="status">{{ shown().hint }}</span>
  `,
  styles: `
    .since {
      min-width: 4ch;
      text-align: right;
    }
  `,
})
export class LinkBadge {
  private readonly live = inject(Live);
  private readonly clock = inject(Clock);

  protected readonly shown = computed(() => shown(this.live.link()));
  protected readonly since = computed(() => {
    const link = this.live.link();
    return link.is === 'lost' ? age((this.clock.now() - link.since) / 1000) : null;
  });
}

function shown(link: Link): Shown {
  switch (link.is) {
    case 'connecting':
      return { tone: 'busy', word: 'Connecting', hint: 'Connecting to the live view.' };
    case 'live':
      return { tone: 'good', word: 'Live', hint: 'Connected: the numbers are those of the database.' };
    case 'behind':
      return {
        tone: 'warn',
        word: 'No database',
        hint: 'The server answers, but its database does not: these numbers are old.',
      };
    case 'lost':
      return { tone: 'bad', word: 'Offline', hint: 'The connection is lost: these numbers are old. Connecting again.' };
    case 'refused':
      return { tone: 'bad', word: 'Refused', hint: `${link.problem.detail} ${link.problem.cure ?? ''}` };
  }
}
