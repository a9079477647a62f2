using Tieline.Core.Accounts;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Messages;

/// <summary>What others may see of this account has changed.</summary>
public sealed class PrivacyEvent(Privacy privacy) : LogEvent
{
    public override ServerFrame ToFrame(long pos) => new ServerPrivacyFrame(pos, privacy.Receipts, privacy.Online, privacy.LastSeen, privacy.Typing);
}
