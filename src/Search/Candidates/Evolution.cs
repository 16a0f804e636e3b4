using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;

namespace DataSsl.Search.Candidates;

/// <summary>
/// Evolutionary search for spaces too large to rank whole (after Guo et al., ECCV 2020): a population drawn uniformly from each budget,
/// then generation by generation crossings and mutations of the best so far for each task. Every architecture is scored once at most, and a
/// generation is scored by one walk, which computes what its members share once: children of one parent share the segments before the cut.
/// </summary>
public sealed class Evolution : IStrategy
{
    /// <summary>The largest generation of a budget.</summary>
    private const int MostPopulation = 50;

    private const int FewestPopulation = 10;

    /// <summary>Generations that a small number of candidates is dealt to.</summary>
    private const int Generations = 10;

    /// <summary>Attempts at a new child within the budget before a fresh draw takes its place.</summary>
    private const int MostTries = 200;

    private readonly SearchSpace space;
    private readonly int budgets;
    private readonly int perBudget;
    private readonly int population;
    private readonly Func<List<Lineage>> begin;

    /// <param name="tasks">How many tasks there are; each has its share of the children.</param>
    /// <param name="perBudget">Candidates of each budget.</param>
    /// <exception cref="UserException">A budget has no member, or none that is found by drawing.</exception>
    public Evolution(SearchSpace space, IReadOnlyList<Budget> budgets, CostModel costs, int tasks, int perBudget, long seed)
    {
        (this.space, this.budgets, this.perBudget) = (space, budgets.Count, perBudget);
        population = Math.Min(perBudget, Math.Clamp(perBudget / Generations, FewestPopulation, MostPopulation));
        begin = () => [.. budgets.Select(budget => new Lineage(space, budget, costs, tasks, population, seed))];
        // A budget that nothing is found in is better told now than once the search has begun.
        begin();
    }

    /// <inheritdoc/>
    public int Most => perBudget * budgets;

    /// <summary>What a child may be is not known beforehand.</summary>
    public IReadOnlyCollection<Architecture> Largest => [space.Max];

    /// <inheritdoc/>
    public IEnumerable<CandidateSet> Rounds(Func<Architecture, IReadOnlyList<double>> scoresOf)
    {
        var (lineages, known) = (begin(), new HashSet<Architecture>());
        var own = lineages.ToDictionary(l => l, l => l.First.Count);
        Add(lineages.SelectMany(l => l.First));
        for (var generation = 1; ; generation++)
        {
            yield return Set();
            var children = new List<Architecture>();
            foreach (var lineage in lineages)
            {
                var born = lineage.Breed(generation, Math.Min(population, perBudget - own[lineage]), known, scoresOf);
                own[lineage] += born.Count;
                children.AddRange(born);
            }
            if (children.Count == 0) yield break;
            Add(children);
        }

        // What was scored for one budget counts in every other that it is within.
        void Add(IEnumerable<Architecture> some)
        {
            foreach (var architecture in some.Where(known.Add))
                foreach (var lineage in lineages)
                    lineage.Offer(architecture);
        }

        CandidateSet Set() => new(lineages.ToDictionary(l => l.Budget, l => (IReadOnlyList<Architecture>)l.Members));
    }

    /// <summary>The candidates of one budget.</summary>
    private sealed class Lineage
    {
        private readonly SearchSpace space;
        private readonly Budget budget;
        private readonly CostModel costs;
        private readonly int tasks;
        private readonly int population;
        private readonly long seed;
        private readonly BudgetDraw draw;

        public Lineage(SearchSpace space, Budget budget, CostModel costs, int tasks, int population, long seed)
        {
            (this.space, this.budget, this.costs, this.tasks, this.population, this.seed) = (space, budget, costs, tasks, population, seed);
            draw = new(space, budget, costs, seed);
            First = draw.Take(population);
        }

        public Budget Budget => budget;

        public List<Architecture> Members { get; } = [];

        /// <summary>The first generation.</summary>
        public IReadOnlyList<Architecture> First { get; }

        public void Offer(Architecture architecture)
        {
            if (budget.Contains(architecture, costs)) Members.Add(architecture);
        }

        /// <summary>New members, in turn for each task; fewer where the budget has no more that are found.</summary>
        public List<Architecture> Breed(
            int generation, int count, IReadOnlySet<Architecture> known, Func<Architecture, IReadOnlyList<double>> scoresOf)
        {
            if (count == 0) return [];
            var random = CounterRandom.For((ulong)seed, $"evolution {budget}", generation);
            var parents = Enumerable.Range(0, tasks)
                .Select(task => Members.OrderByDescending(a => scoresOf(a)[task]).Take(Math.Max(2, population / 4)).ToList()).ToList();
            var born = new List<Architecture>();
            while (born.Count < count && (Child(parents[born.Count % tasks], IsNew, ref random) ?? Fresh(IsNew)) is { } child)
                born.Add(child);
            return born;

            bool IsNew(Architecture a) => !known.Contains(a) && !born.Contains(a);
        }

        private Architecture? Child(List<Architecture> parents, Func<Architecture, bool> isNew, ref CounterRandom random)
        {
            for (var attempt = 0; attempt < MostTries; attempt++)
            {
                var choices = Offspring.Cross(Pick(parents, ref random), Pick(parents, ref random), ref random);
                Offspring.Mutate(choices, space, ref random);
                var child = new Architecture(space, choices);
                if (space.IsOnGrid(child) && budget.Contains(child, costs) && isNew(child)) return child;
            }
            return null;
        }

        private Architecture? Fresh(Func<Architecture, bool> isNew)
        {
            while (draw.Next() is { } architecture)
                if (isNew(architecture))
                    return architecture;
            return null;
        }

        private static Architecture Pick(List<Architecture> parents, ref CounterRandom random) => parents[(int)random.Below(parents.Count)];
    }
}
