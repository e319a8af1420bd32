"""Every table of the house in one import, for migrations and tests."""

from buurtbegroot.accounts import models as accounts
from buurtbegroot.akkoord import models as akkoord
from buurtbegroot.areas import models as areas
from buurtbegroot.audit import models as audit
from buurtbegroot.mail import models as mail
from buurtbegroot.proposals import models as proposals
from buurtbegroot.rounds import models as rounds
from buurtbegroot.tally import models as tally
from buurtbegroot.voting import models as voting
from buurtbegroot.work import models as work

ALL = (areas, akkoord, accounts, work, audit, mail, rounds, proposals, voting, tally)
