using System.CommandLine;
using System.Reflection;
using System.Runtime.Loader;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl bench</c>: a checkout's <c>benchmarks/Bench</c>, which the product does not carry.</summary>
internal static class BenchVerb
{
    private const string Name = "bench", Library = "datassl-bench.dll";

    /// <param name="isAsked">Whether it may be what is wanted: its library is loaded for nobody else.</param>
    public static Command Create(SpaceCatalogue spaces, bool isAsked)
    {
        if (isAsked && Built() is { } file)
            return (Command)AssemblyLoadContext.Default.LoadFromAssemblyPath(file).GetType("DataSsl.Bench.Benches", throwOnError: true)!
                .GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)!
                .Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, [spaces], culture: null)!;
        var command = new Command(Name, "Time ours against peers on this machine, from a checkout.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(int (_) => throw new UserException(
            "bench is no part of the product and not built here: ./datassl bench in a checkout builds it, or dotnet build -c Release there"));
        return command;
    }

    /// <summary>Beside this program, as in the GPU kit, or where a build of the checkout puts it.</summary>
    private static string? Built()
    {
        var here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string[] places = [Path.Combine(here, Library), Path.Combine(here, "..", "..", "Bench", Path.GetFileName(here), Library)];
        return places.Select(Path.GetFullPath).FirstOrDefault(File.Exists);
    }
}
