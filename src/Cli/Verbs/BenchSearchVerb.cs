using System.CommandLine;
using System.Text.Json.Nodes;
using DataSsl.Cli.Bench;
using DataSsl.Runtime;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Cli.Verbs;

/// <summary><c>datassl bench search</c>: a whole space by the walk, against one subnet after the other.</summary>
internal static class BenchSearchVerb
{
    public static Command Create()
    {
        var (size, threads, json) = (Options.Size(), Options.Threads(), Options.Json());
        var images = new Option<int>("--images") { Description = "Images that every subnet is scored on.", DefaultValueFactory = _ => 16, HelpName = "N" };
        var sample = new Option<int>("--sample") { Description = "Subnets scored one by one; their rate is taken for that of the whole space.", DefaultValueFactory = _ => 24, HelpName = "N" };
        var command = new Command("search", "Ranking a whole space by shared prefixes against one subnet after the other: our own code, and a released-style PyTorch loop.") { size, images, sample, threads, json };
        command.SetAction(parsed =>
        {
            var file = Path.Combine(Path.GetDirectoryName(PeerScript.Find(SearchBench.Peer))!, "..", "search.space.yaml");
            var space = SpaceFileCompiler.Load(file);
            var side = space.CheckSize(parsed.GetValue(size) ?? space.InputSize);
            var count = Options.Positive("--images", parsed.GetValue(images));
            var few = Options.Positive("--sample", parsed.GetValue(sample));
            var cores = Options.Positive("--threads", parsed.GetValue(threads) ?? Environment.ProcessorCount);
            var rates = new SearchBench(space, file, side, count, cores, few).Run();
            var (all, macs) = (space.All().ToList(), new BlockMacs(space, side));
            var (trie, alone) = (macs.OfTrie(all), macs.OneByOne(all));
            if (parsed.GetValue(json))
            {
                Output.Json(new()
                {
                    ["ratios"] = new JsonObject { ["oneByOne"] = rates["ours"] / rates["oneByOne"], ["released"] = rates["ours"] / rates["released"] },
                    ["macs"] = new JsonObject { ["trie"] = trie, ["oneByOne"] = alone },
                });
                return 0;
            }
            Output.Line($"{space.Count:N0} subnets of {space.Name}, {count} images of {side} px, {cores} threads; {trie / 1e9:0.0} GMACs an image by the walk, {alone / 1e9:0.0} one by one ({(double)alone / trie:0.0} times)");
            foreach (var (name, rate) in rates)
                Output.Line($"  {name,-10}{rate * count,10:0.0} images x subnets a second   {(name == "ours" ? $"the whole space in {space.Count / rate:0} s" : $"ours is {rates["ours"] / rate:0.00} times as fast; the space would take {space.Count / rate:0} s (from {few} subnets)")}");
            return 0;
        });
        return command;
    }

    /// <summary>Our contestants, started by <c>bench search</c>.</summary>
    public static Command Worker(SpaceCatalogue spaces)
    {
        var (name, size, threads) = (Options.Space(), Options.Size(), Options.Threads());
        var images = new Option<int>("--images");
        var command = new Command("search-worker", "One of our contestants of bench search.") { name, size, threads, images };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var space = spaces.Find(parsed.Required(name));
            set_num_threads(parsed.GetValue(threads) ?? Environment.ProcessorCount);
            return SearchWorker.Run(space, parsed.GetValue(images), parsed.GetValue(size) ?? space.InputSize);
        });
        return command;
    }
}
