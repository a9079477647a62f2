using Microsoft.Extensions.Logging;

namespace Tieline.Server;

/// <summary>Every line that the server can log, once. Ids are stable: 1xx start and stop, 2xx connections, 3xx storage and what nodes share, 4xx accounts, 5xx diagnosis.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(301, LogLevel.Error, "Storage refuses to write; sends are refused with a retryable error until it recovers. {Finding}")]
    public static partial void StorageFailed(ILogger log, string finding, Exception reason);

    [LoggerMessage(302, LogLevel.Information, "Storage can be written again.")]
    public static partial void StorageRecovered(ILogger log);

    [LoggerMessage(303, LogLevel.Error, "A rollback failed.")]
    public static partial void RollbackFailed(ILogger log, Exception reason);

    [LoggerMessage(304, LogLevel.Error, "The database could not be reopened after an I/O error; the next write tries again.")]
    public static partial void ReopenFailed(ILogger log, Exception reason);

    [LoggerMessage(305, LogLevel.Warning, "A checkpoint failed; the write-ahead log grows until the next one succeeds.")]
    public static partial void CheckpointFailed(ILogger log, Exception reason);

    [LoggerMessage(306, LogLevel.Error, "A {Command} could not be decided. This is a fault of the server: please report it.")]
    public static partial void CommandFailed(ILogger log, string command, Exception reason);

    [LoggerMessage(308, LogLevel.Error, "Committed events could not be handed to the lines here; they read them from the log. This is a fault of the server: please report it.")]
    public static partial void PublishFailed(ILogger log, Exception reason);

    [LoggerMessage(401, LogLevel.Error, "The key set of {Source} cannot be had; tokens signed with its keys are refused.")]
    public static partial void KeySetUnavailable(ILogger log, string source, Exception reason);

    [LoggerMessage(201, LogLevel.Information, "Attempt {Attempt} from {Address} on {Path}: {Http}, Upgrade {Upgrade}, Connection {Connection}, key {HasKey}, token {HasToken}, via {Via}, forwarded for {Forwarded}.")]
    public static partial void AttemptSeen(ILogger log, string attempt, string address, string path, string http, string upgrade, string connection, bool hasKey, bool hasToken, string via, string forwarded);

    [LoggerMessage(202, LogLevel.Information, "Attempt {Attempt}: upgrade accepted.")]
    public static partial void UpgradeAccepted(ILogger log, string attempt);

    [LoggerMessage(203, LogLevel.Information, "Attempt {Attempt}: authenticated as {Account}.")]
    public static partial void Authenticated(ILogger log, string attempt, string account);

    [LoggerMessage(204, LogLevel.Information, "Connected: {Account} -> {Peer} ({Protocol}).")]
    public static partial void Connected(ILogger log, string account, string peer, string protocol);

    [LoggerMessage(205, LogLevel.Information, "Closed: {Account}, code {Code} {Reason}, {Frames} frames sent.")]
    public static partial void LineClosed(ILogger log, string account, int code, string reason, int frames);

    [LoggerMessage(206, LogLevel.Warning, "Attempt {Attempt} refused with {Code}: {Reason}")]
    public static partial void AttemptRefused(ILogger log, string attempt, int code, string reason);

    [LoggerMessage(207, LogLevel.Warning, "A frame of {Account} is ignored: {Why}.")]
    public static partial void FrameIgnored(ILogger log, string account, string why);

    [LoggerMessage(208, LogLevel.Error, "The line of {Account} failed. This is a fault of the server: please report it.")]
    public static partial void LineFailed(ILogger log, string account, Exception reason);

    [LoggerMessage(209, LogLevel.Debug, "Stored: {From} -> {Conversation}, seq {Seq}.")]
    public static partial void Stored(ILogger log, string from, string conversation, long seq);

    [LoggerMessage(211, LogLevel.Warning, "Somebody's presence could not be told; the next coming or going tells it.")]
    public static partial void PresenceFailed(ILogger log, Exception reason);

    [LoggerMessage(210, LogLevel.Error, "{Method} {Path} failed. This is a fault of the server: please report it.")]
    public static partial void RequestFailed(ILogger log, string method, string path, Exception reason);

    [LoggerMessage(212, LogLevel.Warning, "{Method} {Path} is refused for now: {Why}")]
    public static partial void ReadFailed(ILogger log, string method, string path, string why);

    [LoggerMessage(213, LogLevel.Warning, "The line of {Account} is closed for now: {Why}")]
    public static partial void LineUnread(ILogger log, string account, string why);

    [LoggerMessage(402, LogLevel.Information, "Signed up: {Account}.")]
    public static partial void SignedUp(ILogger log, string account);

    [LoggerMessage(501, LogLevel.Warning, "Attempt {Attempt}: the proxy at {Address} took the upgrade away. A handshake came with Sec-WebSocket-Key but without Upgrade, by {Http}, Connection \"{Connection}\", Via \"{Via}\". `tieline doctor` finds the line to mend.")]
    public static partial void UpgradeStripped(ILogger log, string attempt, string address, string http, string connection, string via);

    [LoggerMessage(502, LogLevel.Information, "A client reports: {Report}")]
    public static partial void ClientReport(ILogger log, string report);

    [LoggerMessage(503, LogLevel.Warning, "Somebody at {Address} tried a wrong operator token.")]
    public static partial void OperatorRefused(ILogger log, string address);

    [LoggerMessage(307, LogLevel.Information, "{Count} old events left the logs.")]
    public static partial void Pruned(ILogger log, long count);

    [LoggerMessage(318, LogLevel.Information, "{Count} messages older than retention_days are removed.")]
    public static partial void MessagesDropped(ILogger log, long count);

    [LoggerMessage(319, LogLevel.Warning, "Messages older than retention_days could not all be removed; the next round tries again.")]
    public static partial void DropFailed(ILogger log, Exception reason);

    [LoggerMessage(311, LogLevel.Information, "{Count} attachments that no message carries are removed.")]
    public static partial void AttachmentsCollected(ILogger log, int count);

    [LoggerMessage(312, LogLevel.Warning, "Unused attachments could not be removed; the next round tries again.")]
    public static partial void SweepFailed(ILogger log, Exception reason);

    [LoggerMessage(315, LogLevel.Information, "{Count} messages have disappeared: their time had come.")]
    public static partial void MessagesSwept(ILogger log, long count);

    [LoggerMessage(316, LogLevel.Warning, "Messages whose time has come could not be removed; the next round tries again.")]
    public static partial void MessageSweepFailed(ILogger log, Exception reason);

    [LoggerMessage(313, LogLevel.Error, "The file {Name} is in the database and not in the store. Restore it from a backup.")]
    public static partial void FileMissing(ILogger log, string name);

    [LoggerMessage(317, LogLevel.Error, "The file {Name} cannot be read from where attachments lie.")]
    public static partial void FileUnreadable(ILogger log, string name, Exception reason);

    [LoggerMessage(314, LogLevel.Warning, "libSkiaSharp cannot be loaded: images are kept without thumbnails (their metadata is removed all the same). Put the library that came with this version beside the executable.")]
    public static partial void ThumbnailsMissing(ILogger log, Exception reason);

    [LoggerMessage(309, LogLevel.Warning, "Old events could not be removed from the logs; the next round tries again.")]
    public static partial void PruneFailed(ILogger log, Exception reason);

    [LoggerMessage(310, LogLevel.Warning, "The search index could not be written; it is tried again each second, and searches find what it held before.")]
    public static partial void IndexFailed(ILogger log, Exception reason);

    [LoggerMessage(320, LogLevel.Warning, "The heads of the logs cannot be looked at; what other nodes commit is not delivered here until they can. It is tried again each second.")]
    public static partial void HeadsUnseen(ILogger log, Exception reason);

    [LoggerMessage(321, LogLevel.Information, "The heads of the logs can be looked at again.")]
    public static partial void HeadsSeen(ILogger log);

    [LoggerMessage(322, LogLevel.Information, "History and searches are read from the replica at {Address}.")]
    public static partial void ReplicaThere(ILogger log, string address);

    [LoggerMessage(323, LogLevel.Warning, "The replica at {Address} is not read from: {Why}. History and searches are read from the primary; it is looked at again each second.")]
    public static partial void ReplicaMissed(ILogger log, string address, string why);

    [LoggerMessage(330, LogLevel.Warning, "The bus at {Address} is away: {Why}. Until it is back, what other nodes commit is delivered within 2 s by the look at the heads; typing, presence, limits, attempts and tickets are each node's own.")]
    public static partial void BusAway(ILogger log, string address, string why);

    [LoggerMessage(331, LogLevel.Information, "The bus is back after {Seconds} s.")]
    public static partial void BusBack(ILogger log, long seconds);

    [LoggerMessage(332, LogLevel.Information, "The bus at {Address} is there.")]
    public static partial void BusThere(ILogger log, string address);
}
