using System.Globalization;
using System.Linq;
using DataSsl.SearchSpaces;
using Microsoft.CodeAnalysis;

namespace DataSsl.Generator.Diagnostics;

/// <summary>A diagnostic as plain values: its descriptor, place and ready arguments.</summary>
public sealed record DiagnosticInfo(DiagnosticDescriptor Descriptor, LocationInfo Location, EquatableArray<string> Arguments)
{
    /// <summary>The descriptor's id, such as <c>DSG002</c>.</summary>
    public string Id => Descriptor.Id;

    /// <summary>The descriptor's text with the arguments in it, without place and id.</summary>
    public string Message =>
        string.Format(
            CultureInfo.InvariantCulture, Descriptor.MessageFormat.ToString(CultureInfo.InvariantCulture), Arguments.ToArray<object>());

    /// <summary>As the compiler reports it.</summary>
    public Diagnostic ToDiagnostic() => Diagnostic.Create(Descriptor, Location.ToLocation(), Arguments.ToArray<object>());

    /// <summary>The form of compilers: <c>file(line,column): error DSG002: …</c>, positions from 1.</summary>
    public override string ToString() => $"{Location}: error {Id}: {Message}";
}
