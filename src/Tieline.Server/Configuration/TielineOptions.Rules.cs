using System.Globalization;
using Tieline.Core.Ledgers;

namespace Tieline.Server.Configuration;

public sealed partial record TielineOptions
{
    internal LedgerRules Rules => new()
    {
        Requests = Requests == Requests.On,
        EditWindow = EditWindow == "unlimited" ? null : TimeSpan.FromMinutes(int.Parse(EditWindow, CultureInfo.InvariantCulture)),
    };
}
