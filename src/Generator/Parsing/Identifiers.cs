using System;
using System.Collections.Generic;
using System.Linq;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Families;
using Microsoft.CodeAnalysis.CSharp;

namespace DataSsl.Generator.Parsing;

/// <summary>Names of a file that become names in C#.</summary>
internal static class Identifiers
{
    private const int MostCharacters = 100;

    /// <summary>
    /// Members of every supernet class, and what its code or another supernet's names without a namespace: spaces of a project share one.
    /// </summary>
    private static readonly HashSet<string> TakenByClass = new(StringComparer.OrdinalIgnoreCase)
    {
        "Arch", "Space", "Definition", "Supernet", "SearchSpace", "Architecture", "ParameterStore", "CounterRandom", "Tensor", "Key",
        "RunBlock", "CompiledSpaces",
        "SlicedConv2d", "SlicedDepthwiseConv2d", "SlicedBatchNorm2d", "SlicedPatches", "SlicedClassToken", "SlicedPositions",
        "SlicedLayerNorm", "SlicedLinear", "Attention", "Relu6", "Activation", "NewDisposeScope", "functional", "torch", "nn", "DataSsl",
        "TorchSharp",
    };

    /// <summary>Members of every <c>Arch</c>.</summary>
    private static readonly HashSet<string> TakenByArch = new(StringComparer.OrdinalIgnoreCase)
    {
        "Max", "Min", "Count", "Index", "FromIndex", "Sample", "Parse", "Macs", "ConvWeights", "Parameters", "ToString", "Equals",
        "GetHashCode", "GetType",
        "Deconstruct", "PrintMembers", "MemberwiseClone", "ReferenceEquals", "Finalize", "Arch", "Space",
    };

    /// <summary>A class name that neither is a keyword nor hides what the generated code names; null after a report.</summary>
    public static string? Class(YamlScalar? node, YamlErrors errors)
    {
        if (node is null || !Check(node, "class name", errors)) return null;
        if (!TakenByClass.Contains(node.Text) && !LooksLikeMember(node.Text)) return node.Text;
        errors.Report(Descriptors.Reserved, node, node.Text);
        return null;
    }

    /// <summary>The name of an anchor: a property of <c>Arch</c>.</summary>
    public static void Anchor(YamlScalar node, YamlErrors errors)
    {
        if (Check(node, "identifier", errors) && (TakenByArch.Contains(node.Text) || LooksLikeMember(node.Text)))
            errors.Report(Descriptors.Reserved, node, node.Text);
    }

    /// <summary>A namespace, or null after a report.</summary>
    public static string? Namespace(YamlScalar? node, YamlErrors errors)
    {
        if (node is null) return null;
        if (IsNamespace(node.Text)) return node.Text;
        errors.Report(Descriptors.NotIdentifier, node, node.Text, "namespace");
        return null;
    }

    public static bool IsNamespace(string text) => text.Split('.').All(IsPlain);

    private static bool Check(YamlScalar node, string what, YamlErrors errors)
    {
        if (IsPlain(node.Text)) return true;
        errors.Report(Descriptors.NotIdentifier, node, node.Text, what);
        return false;
    }

    /// <summary>
    /// Letters, digits and underscores only: invisible formatting characters are legal in C#, but two names may then be one.
    /// </summary>
    private static bool IsPlain(string text) =>
        text.Length is > 0 and <= MostCharacters && (char.IsLetter(text[0]) || text[0] == '_')
            && text.All(c => char.IsLetterOrDigit(c) || c == '_')
        && SyntaxFacts.IsValidIdentifier(text) && SyntaxFacts.GetKeywordKind(text) == SyntaxKind.None
            && SyntaxFacts.GetContextualKeywordKind(text) == SyntaxKind.None;

    /// <summary>Segments and axes become members: Stem, Stage1, Stage1Width.</summary>
    private static bool LooksLikeMember(string text)
    {
        if (text.StartsWith("Stem", StringComparison.OrdinalIgnoreCase)) return IsKind(text.Substring(4));
        return text.StartsWith("Stage", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && char.IsDigit(text[5])
            && IsKind(text.Substring(5).TrimStart(Digits));
    }

    private static readonly char[] Digits = "0123456789".ToCharArray();

    private static bool IsKind(string text) =>
        text.Length == 0 || Family.All.SelectMany(f => f.StemAxes.Concat(f.StageAxes(1))).Contains(text, StringComparer.OrdinalIgnoreCase);
}
