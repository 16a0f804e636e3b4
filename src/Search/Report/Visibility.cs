using System.Runtime.CompilerServices;

// The page's parts (axes, number formats, budgets) are tested one by one; only the page itself is public.
[assembly: InternalsVisibleTo("Search.Tests")]
