using Tieline.Server.Configuration;

namespace Tieline.Server.Tests.Postgres;

/// <summary>PostgreSQL keeps the specification behind a pooler in transaction mode too, where nothing may be prepared.</summary>
public sealed class PoolerStoreTests(PostgresCluster cluster, PgBouncer pooler) : PostgresSpecification(cluster), IClassFixture<PgBouncer>
{
    private protected override TielineOptions Reach(string database) => new() { Store = pooler.AddressOf(database), StorePrepare = false };
}
