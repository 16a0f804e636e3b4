using Microsoft.CodeAnalysis;

namespace DataSsl.Generator.Diagnostics;

/// <summary>Every diagnostic of the space compiler. An id, once released, keeps its meaning.</summary>
internal static class Descriptors
{
    private const string Category = "DataSsl.Space";

    public static readonly DiagnosticDescriptor Syntax = Error("DSG001", "Not valid YAML", "{0}");
    public static readonly DiagnosticDescriptor UnknownKey = Error("DSG002", "Unknown key", "unknown key '{0}'{1}");
    public static readonly DiagnosticDescriptor MissingKey = Error("DSG003", "Missing key", "{0} needs the key '{1}'");
    public static readonly DiagnosticDescriptor WrongType = Error("DSG004", "Wrong type", "'{0}' must be {1}");
    public static readonly DiagnosticDescriptor EmptyRange = Error(
        "DSG005", "Empty range", "the range of '{0}' is empty: it goes from {1} to {2}");
    public static readonly DiagnosticDescriptor StepMissesEnd = Error(
        "DSG006", "Step misses the end", "the range of '{0}' misses its end {1}: it gives {2}");
    public static readonly DiagnosticDescriptor NotPositive = Error("DSG007", "Not positive", "'{0}' must be at least 1, not {1}");
    public static readonly DiagnosticDescriptor Duplicate = Error(
        "DSG008", "Duplicate", "'{0}' is given twice; names that differ only in case count as one");
    public static readonly DiagnosticDescriptor NotIdentifier = Error("DSG009", "Not an identifier", "'{0}' is not a C# {1}");
    public static readonly DiagnosticDescriptor UnknownFamily = Error("DSG010", "Unknown family", "unknown family '{0}'{1}");
    public static readonly DiagnosticDescriptor AnchorOutside = Error(
        "DSG011", "Anchor outside the supernet", "anchor '{0}' has {1} {2}, but the supernet has only {3}");
    public static readonly DiagnosticDescriptor WrongCount = Error(
        "DSG012", "Wrong number of values", "'{0}' needs {1} values ({2}), not {3}");
    public static readonly DiagnosticDescriptor Overflow = Error("DSG013", "Space too large", "{0}");
    public static readonly DiagnosticDescriptor NotAscending = Error(
        "DSG014", "Not ascending", "the values of '{0}' must ascend: {1} comes after {2}");
    public static readonly DiagnosticDescriptor DuplicateClass = Error(
        "DSG015", "Duplicate class", "'{0}' is also declared in {1}; names that differ only in case count as one");
    public static readonly DiagnosticDescriptor TooLarge = Error("DSG016", "Too large", "'{0}' must be at most {1}, not {2}");
    public static readonly DiagnosticDescriptor Reserved = Error(
        "DSG017", "Reserved name", "'{0}' is a name that the generated code needs itself; choose another");
    public static readonly DiagnosticDescriptor NotConstraint = Error("DSG018", "Not a constraint", "'{0}' is not {1}");
    public static readonly DiagnosticDescriptor UnknownAxis = Error("DSG019", "Unknown axis", "unknown axis '{0}'{1}");
    public static readonly DiagnosticDescriptor EmptySpace = Error(
        "DSG020", "Empty space", "no architecture is left under the constraints up to this one");
    public static readonly DiagnosticDescriptor Entangled = Error(
        "DSG021", "Entangled constraints", "the constraints couple too many axes at once to count and number the space; drop some");
    public static readonly DiagnosticDescriptor NotBudget = Error(
        "DSG022", "Not a budget", "'{0}' {1}; give MACs such as 3-4G or <=600M, or parameters such as params<=25M");
    public static readonly DiagnosticDescriptor EmptyBudget = Error(
        "DSG023", "Empty budget", "no architecture is within the budget {0} ({1}); the nearest cost {2}");
    public static readonly DiagnosticDescriptor InputTooSmall = Error(
        "DSG024", "Input too small", "an input of {0} pixels is too small: {1} shrinks its sides to 1/{2}, so it needs {2} pixels or more");
    public static readonly DiagnosticDescriptor UnknownSpace = Error("DSG025", "Unknown space", "unknown space '{0}'{1}");
    public static readonly DiagnosticDescriptor NotArchitecture = Error(
        "DSG026", "Not an architecture", "'{0}' is not an architecture of {1}: {2}");
    public static readonly DiagnosticDescriptor BadNamespace = Error(
        "DSG027", "Not a namespace", "the build property DataSslNamespace is '{0}', which is not a C# namespace");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
