using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Server.Sockets;

internal sealed partial class V2Line
{
    /// <summary>Answers what comes too fast. Sends and changes are slowed instead, and what keeps a line going or is coalesced anyway is never refused.</summary>
    private bool IsLimited(ClientFrame frame)
    {
        if (frame is SendFrame or CommandFrame or PingFrame or PongFrame or RecvFrame or ReadFrame or AuthFrame) return false;
        var wait = Server.Commands.TryTake(Account.Key);
        if (wait == TimeSpan.Zero && frame is WatchFrame) wait = Server.Watches.TryTake(Account.Key);
        if (wait == TimeSpan.Zero) return false;
        Answer(ErrorFrame.Of(WireError.RateLimited, "Too much at once; wait a little.", null, (int)Math.Ceiling(wait.TotalMilliseconds)));
        return true;
    }
}
