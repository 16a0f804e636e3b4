using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DataSsl.Cli.Tests.House;

/// <summary>The picture of the house: projects from the roof down, each with its namespaces from the roof down.</summary>
/// <param name="text">
/// A line a project: <c>Generator: Generator > Parsing, Emit > Plan</c>. Its root namespace goes by its last word, the others by what
/// follows that. A project without namespaces has its place alone.
/// </param>
internal sealed partial class Picture(string text)
{
    private readonly List<(string Project, string[][] Floors)> lines =
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": "))
            .Select(
                sides =>
                    (sides[0], sides.Length == 1 ? []
                        : sides[1].Split(" > ").Select(floor => floor.Split(", ").Select(name => FullName(sides[0], name)).ToArray())
                            .ToArray())),
    ];

    /// <summary>The one in the docs.</summary>
    public static Picture Drawn { get; } = new(File.ReadAllText(PathOf("docs", "architecture.md")).Split("```")[1]);

    public IEnumerable<string> Projects => lines.Where(line => line.Floors.Length > 0).Select(line => line.Project);

    /// <summary>The projects that a project cannot know.</summary>
    public IEnumerable<string> Above(string project) => Projects.TakeWhile(other => other != project);

    public IEnumerable<string> NamespacesOf(string project) =>
        lines.Single(line => line.Project == project).Floors.SelectMany(floor => floor);

    /// <summary>The arrows that do not point down, or from or to what is not in the picture.</summary>
    public IEnumerable<Arrow> Wrong(IEnumerable<Arrow> arrows) =>
        arrows.Where(arrow => HeightOf(arrow.From) is not { } from || HeightOf(arrow.To) is not { } to || to <= from);

    /// <summary>The projects that a project refers to and that are not below it.</summary>
    public IEnumerable<string> WrongReferencesOf(string project) => XDocument.Load(ProjectFile(project)).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
        .Where(other => lines.FindIndex(line => line.Project == other) <= lines.FindIndex(line => line.Project == project));

    /// <summary>The files that a project compiles: those of its folder, and of folders that it links files of.</summary>
    public static IEnumerable<(string Path, string Text)> SourcesOf(string project) =>
        LinkedFolder().Matches(File.ReadAllText(ProjectFile(project)))
        .Select(m => m.Groups[1].Value).Prepend(project).Distinct()
        .SelectMany(folder => Directory.EnumerateFiles(FolderOf(folder), "*.cs", SearchOption.AllDirectories))
        .Select(file => (Path.GetRelativePath(Path.GetDirectoryName(FolderOf(project))!, file).Replace('\\', '/'), File.ReadAllText(file)))
        .Where(file => !file.Item1.Contains("/buildTransitive/"));

    /// <summary>All C# of the repository that somebody wrote.</summary>
    public static IEnumerable<(string Path, string Text)> AllSources() => new[] { "src", "tests", "samples", "benchmarks" }
        .SelectMany(folder => Directory.EnumerateFiles(PathOf(folder), "*.cs", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(Root(), file).Replace('\\', '/'))
        .Where(
            file =>
                !file.EndsWith(".verified.cs", StringComparison.Ordinal) && !file.EndsWith(".received.cs", StringComparison.Ordinal)
                    && !file.Split('/').Any(part => part is "bin" or "obj" or "Models"))
        .Select(file => (file, File.ReadAllText(PathOf(file))));

    public static string AssemblyOf(string project) => Property(project, "AssemblyName");

    public static string RootNamespaceOf(string project) => Property(project, "RootNamespace");

    /// <summary>
    /// The files that each walk of the docs goes through, without their extension: what stands in backticks and begins with a capital.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> Walks() =>
    [
        .. File.ReadAllText(PathOf("docs", "architecture.md")).Split("\n## ")
            .Single(part => part.StartsWith("Walks", StringComparison.Ordinal)).Split("\n- ")[1..]
            .Select(walk => WalkedFile().Matches(walk).Select(m => m.Groups[1].Value).Distinct().ToList()),
    ];

    public static bool IsSource(string file) => Directory.EnumerateFiles(PathOf("src"), $"{file}.cs", SearchOption.AllDirectories).Any();

    /// <summary>Floors from the roof down to a namespace's; null where the picture lacks it.</summary>
    private int? HeightOf(string name)
    {
        var floors = lines.SelectMany(line => line.Floors).ToList();
        return floors.FindIndex(floor => floor.Contains(name)) is >= 0 and var height ? height : null;
    }

    private static string FullName(string project, string name) =>
        RootNamespaceOf(project) is var root && root.EndsWith($".{name}", StringComparison.Ordinal) ? root : $"{root}.{name}";

    private static string Property(string project, string name) => XDocument.Load(ProjectFile(project)).Descendants(name).Single().Value;

    private static string ProjectFile(string project) => Path.Combine(FolderOf(project), $"{project}.csproj");

    /// <summary>The demo's pictures lie among the samples.</summary>
    private static string FolderOf(string project) => PathOf(project == "Demo" ? "samples" : "src", project);

    public static string PathOf(params string[] parts) => Path.Combine([Root(), .. parts]);

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex("`([A-Z][A-Za-z0-9]+)`")]
    private static partial Regex WalkedFile();

    [GeneratedRegex("""Compile Include="[^"]*\.\./(\w+)/""")]
    private static partial Regex LinkedFolder();
}
