using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using DataSsl.Runtime;

namespace DataSsl.Cli.Shared;

/// <summary>
/// An option of which it is said beside it what it takes; what is not that is refused before any work, on the command line and in a recipe
/// alike.
/// </summary>
internal interface ICheckedOption
{
    /// <summary>In words: <c>a whole number from 1 to 1024</c>.</summary>
    string Takes { get; }
}

/// <summary>
/// Makes options that take numbers: the library's own reading would take a comma between digits for one between thousands, and NaN for a
/// number.
/// </summary>
internal static class NumberOption
{
    /// <summary>An option with a default.</summary>
    /// <param name="otherwise">Where it is not given.</param>
    public static Option<T> Of<T>(string name, Bounds<T> bounds, T otherwise, string description, string help = "N")
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new CheckedOption<T>(name, bounds.ToString(), result => One(result, name, bounds))
        {
            Arity = ArgumentArity.ExactlyOne,
            Description = Told(description, bounds),
            HelpName = help,
            DefaultValueFactory = _ => otherwise,
        };

    /// <summary>An option without one: null where it is not given.</summary>
    public static Option<T?> Maybe<T>(string name, Bounds<T> bounds, string description, string help = "N")
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new CheckedOption<T?>(name, bounds.ToString(), result => One(result, name, bounds))
        {
            Arity = ArgumentArity.ExactlyOne,
            Description = Told(description, bounds),
            HelpName = help,
        };

    /// <summary>An option that may be given more than once.</summary>
    /// <param name="otherwise">Where it is not given.</param>
    public static Option<T[]> Several<T>(string name, Bounds<T> bounds, T[] otherwise, string description, string help = "N")
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        new CheckedOption<T[]>(
            name, bounds.ToString(), result => [.. result.Tokens.Select(token => Read(result, token.Value, name, bounds))])
        {
            Arity = ArgumentArity.OneOrMore,
            Description = Told(description, bounds),
            HelpName = help,
            DefaultValueFactory = _ => otherwise,
        };

    private static T One<T>(ArgumentResult result, string name, Bounds<T> bounds) where T : struct, INumber<T>, IMinMaxValue<T> =>
        Read(result, result.Tokens[0].Value, name, bounds);

    private static T Read<T>(ArgumentResult result, string text, string name, Bounds<T> bounds)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        if (bounds.TryRead(text, out var value)) return value;
        result.AddError(bounds.Refusal(name, text));
        return default;
    }

    private static string Told<T>(string description, Bounds<T> bounds) where T : struct, INumber<T>, IMinMaxValue<T> =>
        $"{description} Takes {bounds}.";
}

/// <summary>
/// Makes options that take a word of a few: the library's own reading of an enumeration would take any number for one of them.
/// </summary>
internal static class WordOption
{
    /// <summary>An option with a default, one of the words.</summary>
    public static Option<T> Of<T>(string name, T otherwise, string description, string help = "NAME") where T : struct, Enum =>
        new CheckedOption<T>(name, Words<T>(), result => Read<T>(result, name))
        {
            Arity = ArgumentArity.ExactlyOne,
            Description = description,
            HelpName = help,
            DefaultValueFactory = _ => otherwise,
        };

    /// <summary>An option without one: null where it is not given.</summary>
    public static Option<T?> Maybe<T>(string name, string description, string help = "NAME") where T : struct, Enum =>
        new CheckedOption<T?>(name, Words<T>(), result => Read<T>(result, name))
        {
            Arity = ArgumentArity.ExactlyOne,
            Description = description,
            HelpName = help,
        };

    private static T Read<T>(ArgumentResult result, string name) where T : struct, Enum
    {
        var text = result.Tokens[0].Value;
        foreach (var value in Enum.GetValues<T>())
            if (value.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        result.AddError($"{name} {text}: give {Words<T>()}");
        return default;
    }

    private static string Words<T>() where T : struct, Enum => string.Join(" or ", Enum.GetNames<T>());
}

/// <summary>The option that both make.</summary>
internal sealed class CheckedOption<T> : Option<T>, ICheckedOption
{
    public CheckedOption(string name, string takes, Func<ArgumentResult, T?> read) : base(name) => (Takes, CustomParser) = (takes, read);

    public string Takes { get; }
}
