using System;
using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Emit;
using DataSsl.SearchSpaces;

namespace DataSsl.Generator.Parsing;

/// <summary>A parsed space file: its space, or what is wrong with it.</summary>
public sealed record ParsedSpace(string Path, Space? Space, EquatableArray<DiagnosticInfo> Diagnostics);

/// <summary>A parsed architecture file: the class that it asks for, or what is wrong with it.</summary>
internal sealed record ParsedArchitecture(string Path, FixedClass? Class, EquatableArray<DiagnosticInfo> Diagnostics);

/// <summary>An architecture of a space that becomes a class of its own.</summary>
internal sealed record FixedClass(Space Space, FixedClassSpec Spec) : IEquatable<FixedClass>;
