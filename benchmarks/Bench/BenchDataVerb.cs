using System.CommandLine;
using System.Globalization;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary><c>datassl bench data</c>: two views from image files against peers.</summary>
internal static class BenchDataVerb
{
    public static Command Create()
    {
        var o = new DataOptions();
        var batch = NumberOption.Of("--batch", Options.BenchBatch, 64, "Images a round.");
        var rounds = NumberOption.Of("--rounds", Options.Count, 9, "Counted rounds of each contestant.");
        var (field, json) = (new FieldOptions(DataBench.Peers), Options.Json());
        var command = new Command(
            "data",
            "Decoding and the two views of MoCo v2 against OpenCV from C#, and torchvision on Pillow images and on tensors.")
            {
                o.Data,
                o.Size,
                o.Threads,
                batch,
                rounds,
                field.Peers,
                field.Against,
                json,
            };
        command.SetAction(parsed =>
        {
            var (source, size, threads) = o.Read(parsed);
            var standings = new DataBench(source, size, parsed.GetValue(batch), threads, parsed.GetValue(rounds), field.Read(parsed)).Run();
            if (parsed.GetValue(json)) Output.Json(standings.Json());
            else standings.Print("median images a second", seconds => (1 / seconds).ToString("0.0", CultureInfo.InvariantCulture));
            return 0;
        });
        return command;
    }

    /// <summary>Our contestant, started by <c>bench data</c>.</summary>
    public static Command Worker()
    {
        var o = new DataOptions();
        var command = new Command("data-worker", "One contestant of bench data.") { o.Data, o.Size, o.Threads };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var (source, size, threads) = o.Read(parsed);
            set_num_threads(threads);
            return DataWorker.Run(source, size, threads);
        });
        return command;
    }

    private sealed class DataOptions
    {
        public readonly Option<string> Data = Options.Data();
        public readonly Option<int?> Size = Options.Size("224");
        public readonly Option<int?> Threads = Options.Threads();

        public (ImageFiles, int, int) Read(ParseResult parsed) => (
            Files(parsed.Required(Data)), parsed.GetValue(Size) ?? 224, parsed.GetValue(Threads) ?? Environment.ProcessorCount);

        private static ImageFiles Files(string path) =>
            ImageSource.Open(path) as ImageFiles
                ?? throw new UserException($"--data {path}: the peers read image files; give a folder or a list of those");
    }
}
