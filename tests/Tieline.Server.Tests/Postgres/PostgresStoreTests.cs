using Tieline.Server.Configuration;

namespace Tieline.Server.Tests.Postgres;

/// <summary>PostgreSQL keeps the specification.</summary>
public sealed class PostgresStoreTests(PostgresCluster cluster) : PostgresSpecification(cluster)
{
    private readonly PostgresCluster _cluster = cluster;

    private protected override TielineOptions Reach(string database) => new() { Store = _cluster.AddressOf(database) };
}
