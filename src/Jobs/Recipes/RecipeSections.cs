namespace DataSsl.Jobs.Recipes;

/// <summary>The sections of a recipe. They only group: a key in them is an option of <c>train</c> by its name.</summary>
internal static class RecipeSections
{
    /// <summary>Each, with the option that a plain word in its place, or the key in brackets, stands for.</summary>
    public static IReadOnlyList<(string Section, string? Own, string OwnKey)> All { get; } =
    [
        ("network", "--space", "space"), ("objective", "--objective", "name"), ("teacher", "--teacher", "network"),
        ("architecture", "--learn-architecture", "learn"),
        ("views", "--views", "name"), ("optimizer", "--optimizer", "name"), ("data", "--data", "path"), ("schedule", null, ""),
    ];

    /// <summary>The option that a section's key is.</summary>
    public static string OptionOf(string section, string key) =>
        All.First(s => s.Section == section) is { Own: { } own } s && s.OwnKey == key ? own : "--" + key;
}
