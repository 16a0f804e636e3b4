using System.Diagnostics;
using DataSsl.Generator;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

// What the generator costs an editor and a build: the driver alone, over 1, 100 and 1,000 copies of Table 1's space, after JIT; medians of
// several runs. dotnet run -c Release --project benchmarks/Generator -- spaces/data-resnet.space.yaml
var table1 = File.ReadAllText(args[0]);
// The runtime compiles hot methods anew in the background, in pauses between calls of new ones: it is done when rounds with pauses stop
// getting faster.
var (best, since) = (double.MaxValue, 0);
while (since < 10)
{
    var time = Cold(50);
    (best, since) = time < 0.97 * best ? (time, 0) : (best, since + 1);
    Thread.Sleep(200);
}
Console.WriteLine("| spaces | cold | nothing changed | comment edited | value edited | unrelated C# edited |\n|---|---|---|---|---|---|");
foreach (var count in new[] { 1, 100, 1000 })
{
    Func<double>[] cases = [
        () => Cold(count), () => After(count, (d, _) => d), () => After(count, (d, f) => Edit(d, f, "# a comment\n" + table1)),
        () => After(count, (d, f) => Edit(d, f, table1.Replace("from: 32,", "from: 16,"))), () => After(count, (d, _) => d, Code(1))];
    Console.WriteLine($"| {count:N0} | {string.Join(" | ", cases.Select(c => $"{Median(c, count == 1000 ? 5 : 21):0.00} ms"))} |");
}
var lines = SpaceCompiler.EmitSupernet(SpaceCompiler.Parse("x", table1).Space!).Count(c => c == '\n');
Console.WriteLine($"\nGenerated for Table 1's space: {lines} lines.");

double Cold(int count) => Time(() => Fresh(count).RunGenerators(Code(0)));

double After(int count, Func<GeneratorDriver, AdditionalText, GeneratorDriver> edit, Compilation? code = null)
{
    var files = Files(count);
    var driver = edit(Driver(files).RunGenerators(Code(0)), files[0]);
    return Time(() => driver.RunGenerators(code ?? Code(0)));
}

GeneratorDriver Edit(GeneratorDriver driver, AdditionalText old, string text) => driver.ReplaceAdditionalText(old, Space(0, text));

GeneratorDriver Fresh(int count) => Driver(Files(count));

GeneratorDriver Driver(AdditionalText[] files) => CSharpGeneratorDriver.Create([new SpaceGenerator().AsSourceGenerator()], files);

AdditionalText[] Files(int count) => [.. Enumerable.Range(0, count).Select(i => Space(i, table1))];

AdditionalText Space(int i, string text) => new Text($"{i}.space.yaml", text.Replace("space: DataResNet", $"space: DataResNet{i}"));

static Compilation Code(int version) => CSharpCompilation.Create("C", [CSharpSyntaxTree.ParseText($"class C {{ int x = {version}; }}")]);

static double Time(Action action)
{
    GC.Collect();
    var clock = Stopwatch.StartNew();
    action();
    return clock.Elapsed.TotalMilliseconds;
}

static double Median(Func<double> run, int times) => Enumerable.Range(0, times).Select(_ => run()).Order().ElementAt(times / 2);

internal sealed class Text(string path, string text) : AdditionalText
{
    private readonly SourceText source = SourceText.From(text);

    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => source;
}
