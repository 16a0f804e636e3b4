using System.CommandLine;
using System.CommandLine.Parsing;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Parsing;
using DataSsl.Jobs.Recipes;
using DataSsl.Runtime;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Recipes;

/// <summary>
/// A recipe: one file for what <c>train</c> is told. Its sections only group; a key in them is an option by its name, and <c>name</c> or a
/// plain word is the section's own. So whatever the command line can say a recipe can, and the command line has the last word.
/// </summary>
internal static class RecipeFile
{
    private const int MostBytes = 1 << 18;

    /// <summary>Options that say which network learns: what trains a list of networks has them from there.</summary>
    private static readonly IReadOnlyList<string> ofTheNetwork = ["--space", "--arch"];

    /// <summary>Options that say which networks of a supernet a step has, and how an architecture is found among them.</summary>
    public static IReadOnlyList<string> OfSupernets { get; } =
    [
        "--rule", "--max-first", "--draws", "--teacher-architecture", "--learn-architecture", "--budget", "--held-out", "--alpha-warmup",
        "--alpha-every", "--alpha-rate", "--alpha-order", "--paths", "--cost-weight",
    ];

    public static Option<string> Option() =>
        new("--recipe")
        {
            Description = "A *.recipe.yaml file with options; those of the command line count before it.",
            HelpName = "FILE",
        };

    /// <summary>What the recipe adds to a command line: the options that it gives and the command line does not.</summary>
    /// <exception cref="UserException">The file is missing, or a key or value of it is none of the command's.</exception>
    public static string[] Arguments(string path, ParseResult given)
    {
        var text = Read(path);
        var errors = new YamlErrors(path, text);
        var added = new List<string>();
        var options = given.CommandResult.Command.Options.Where(option => option.Name != "--recipe").ToDictionary(option => option.Name);
        var isOfMany = !options.ContainsKey("--space");
        var isOfOne = isOfMany || given.GetResult("--arch") is OptionResult { Implicit: false };
        var isLearnt = given.GetResult("--learn-architecture") is OptionResult { Implicit: false };
        if (YamlMap.From(YamlReader.Read(text, errors), errors, "recipe") is { } root)
        {
            YamlMap.Word(root.Optional("recipe"), "recipe", errors);
            foreach (var (section, own, _) in RecipeSections.All) Add(root.Optional(section), section, own);
            root.Finish();
        }
        return errors.Any ? throw Output.FirstOf(errors.InOrder) : [.. added];

        void Add(YamlNode? node, string section, string? own)
        {
            if (node is YamlScalar && own is not null && options.ContainsKey(own)) AddValue(own, node, section);
            else if (node is YamlScalar && own is not null && IsSkipped(own)) return;
            else if (section == "views" && node is YamlMapping) AddText(own!, path);
            else if (YamlMap.From(node, errors, section) is { } map)
            {
                foreach (var (key, value) in map.Node.Entries)
                {
                    map.Optional(key.Text);
                    var name = RecipeSections.OptionOf(section, key.Text);
                    if (options.ContainsKey(name)) AddValue(name, value, key.Text);
                    else if (!IsSkipped(name))
                        errors.Report(
                            Descriptors.UnknownKey, key, key.Text, Suggestion.For(key.Text, [.. options.Keys.Select(o => o[2..])]));
                }
            }
        }

        void AddValue(string name, YamlNode value, string key)
        {
            if (YamlMap.Word(value, key, errors) is not { } word) return;
            var option = options[name];
            if (new Command("recipe") { option }.Parse([Word(name, word.Text)]).Errors.Count == 0) AddText(name, word.Text);
            else
                errors.Report(
                    Descriptors.WrongType, word, key,
                    (option as ICheckedOption)?.Takes ?? $"what {name} takes{(option.HelpName is { } help ? $" ({help})" : "")}");
        }

        void AddText(string name, string value)
        {
            if (!IsSkipped(name) && given.GetResult(options[name]) is null or { Implicit: true }) added.Add(Word(name, value));
        }

        // A supernet's recipe for one network of it, or for many: which students a step has is not asked then.
        // Nor which students it has, where the command line has an architecture learnt: that has rules of its own.
        bool IsSkipped(string name) =>
            isOfOne && OfSupernets.Contains(name) || isOfMany && ofTheNetwork.Contains(name) || isLearnt && name == "--rule";

        // One word: a value that begins like an option is a value none the less.
        static string Word(string name, string value) => $"{name}={value}";
    }

    /// <summary>A plan of views by its name, or the one that a file writes out, as a whole or in its section <c>views</c>.</summary>
    /// <param name="text">The name, or the file's path.</param>
    /// <param name="size">The side of the global views in pixels.</param>
    /// <param name="multiple">What the sides of a named plan's local crops are whole multiples of.</param>
    /// <exception cref="UserException">There is no such plan, or it is none.</exception>
    public static ViewPlan Views(string text, int size, int multiple = ViewPlan.DefaultMultiple)
    {
        if (!text.EndsWith(".yaml", StringComparison.Ordinal)) return ViewPlan.Named(text, size, multiple);
        var yaml = Read(text);
        var errors = new YamlErrors(text, yaml);
        var root = YamlReader.Read(yaml, errors);
        var node = root is YamlMapping { Entries: var entries }
            && entries.FirstOrDefault(entry => entry.Key.Text == "views").Value is { } section
            ? section
            : root;
        var plan = YamlMap.From(node, errors, "views") is { } map ? new ViewPlanReader(new(errors), size).Read(map) : null;
        return plan ?? throw Output.FirstOf(errors.InOrder);
    }

    private static string Read(string path) => RegularFile.ReadGiven(path, MostBytes);
}
