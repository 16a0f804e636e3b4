using System.Text.Json.Nodes;
using DataSsl.Runtime.Supernets;

namespace DataSsl.Cli.Shared;

/// <summary>What an architecture costs, for JSON.</summary>
internal static class ArchitectureCosts
{
    public static JsonObject Json(string? name, Architecture a, int size)
    {
        var facts = new JsonObject();
        if (name is not null) facts["name"] = name;
        facts["architecture"] = a.ToString();
        facts["size"] = size;
        facts["macs"] = a.Space.Macs(a, size);
        facts["convWeights"] = a.Space.ConvWeights(a);
        facts["parameters"] = a.Space.Parameters(a);
        facts["onGrid"] = a.Space.IsOnGrid(a);
        return facts;
    }
}
