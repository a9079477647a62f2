using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Storage;
using Tieline.Server.Sqlite;

namespace Tieline.Server.Tests.Storage;

/// <summary>SQLite keeps the specification.</summary>
public sealed class SqliteStoreTests : MessageStoreSpecification
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-store-").FullName;

    protected override ValueTask<IMessageStore> OpenAsync(TimeProvider time, ICommitListener listener) =>
        new(SqliteStore.Open(_folder, time, ChatServer.NewId, listener, NullLogger.Instance));

    protected override void Remove() => Directory.Delete(_folder, recursive: true);
}
