using System.CommandLine;

namespace DataSsl.Bench;

/// <summary>The options that say who takes part in a bench.</summary>
/// <param name="names">Its peers.</param>
internal sealed class FieldOptions(IReadOnlyList<string> names)
{
    public readonly Option<string> Peers = new("--peers")
    {
        Description = $"Who takes part besides ours: all, none, or some of {string.Join(", ", names)}, with commas between them.",
        DefaultValueFactory = _ => "all",
        HelpName = "NAMES",
    };

    public readonly Option<string?> Against = new("--against")
    {
        Description = "The datassl of another build, which takes turns with this one.",
        HelpName = "PROGRAM",
    };

    public Field Read(ParseResult parsed) => Field.Parse(parsed.GetValue(Peers)!, parsed.GetValue(Against), names);
}
