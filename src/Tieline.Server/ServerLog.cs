using Microsoft.Extensions.Logging;

namespace Tieline.Server;

/// <summary>Every line that the server can log, once. Ids are stable: 1xx start and stop, 2xx connections, 3xx storage, 4xx accounts, 5xx diagnosis.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(301, LogLevel.Error, "Storage refuses to write; sends are refused with a retryable error until it recovers.")]
    public static partial void StorageFailed(ILogger log, Exception reason);

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
}
