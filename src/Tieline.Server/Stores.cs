using Microsoft.Extensions.Logging;
using Tieline.Core.Delivery;
using Tieline.Core.Storage;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Sqlite;

namespace Tieline.Server;

/// <summary>Opens the store that the settings name.</summary>
internal static class Stores
{
    /// <param name="feeds">The lines of this node, where several nodes may share the store.</param>
    public static IMessageStore Open(TielineOptions options, TimeProvider time, ICommitListener listener, ILogger log, IAttachmentLinks? links = null, Feeds? feeds = null) => options.Store == "sqlite"
        ? SqliteStore.Open(options.Data, time, ChatServer.NewId, listener, log, options.Rules, links)
        : PostgresStore.Open(options, time, ChatServer.NewId, listener, log, links, feeds);
}
